/** Sub-commands that run a Hub, an agent, or both. */
@NullMarked
package io.hindsight.launcher.server;

import org.jspecify.annotations.NullMarked;
