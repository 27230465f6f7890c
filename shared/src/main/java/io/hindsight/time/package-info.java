/** Time windows and the nanosecond time base: signed 64-bit nanoseconds since 1970-01-01T00:00:00Z. */
@NullMarked
package io.hindsight.time;

import org.jspecify.annotations.NullMarked;
