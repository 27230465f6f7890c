/** What works on this machine, and how to mend the rest. */
@NullMarked
package io.hindsight.launcher.doctor;

import org.jspecify.annotations.NullMarked;
