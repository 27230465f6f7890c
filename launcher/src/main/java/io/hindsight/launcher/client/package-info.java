/** Sub-commands that speak to a running Hub over its HTTP API, or read a snapshot's folder. */
@NullMarked
package io.hindsight.launcher.client;

import org.jspecify.annotations.NullMarked;
