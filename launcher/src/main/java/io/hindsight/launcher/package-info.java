/** The program: what its sub-commands are, and where it starts. */
@NullMarked
package io.hindsight.launcher;

import org.jspecify.annotations.NullMarked;
