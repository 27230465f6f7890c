/** Tests of the program. */
@NullMarked
package io.hindsight.launcher.server;

import org.jspecify.annotations.NullMarked;
