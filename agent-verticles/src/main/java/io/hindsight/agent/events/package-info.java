/** Events beside packets: the port of their sources, and their recorder. */
@NullMarked
package io.hindsight.agent.events;

import org.jspecify.annotations.NullMarked;
