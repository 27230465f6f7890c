/** Rules about every module at once. */
@NullMarked
package io.hindsight.architecture;

import org.jspecify.annotations.NullMarked;
