/** Tests of the program. */
@NullMarked
package io.hindsight.launcher;

import org.jspecify.annotations.NullMarked;
