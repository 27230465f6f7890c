@NullMarked
package io.hindsight.bus;

import org.jspecify.annotations.NullMarked;
