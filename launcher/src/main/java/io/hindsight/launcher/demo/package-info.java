/** The whole story without questions. */
@NullMarked
package io.hindsight.launcher.demo;

import org.jspecify.annotations.NullMarked;
