@NullMarked
package io.hindsight.time;

import org.jspecify.annotations.NullMarked;
