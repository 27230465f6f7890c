/** Tests. */
@NullMarked
package io.hindsight.launcher.doctor;

import org.jspecify.annotations.NullMarked;
