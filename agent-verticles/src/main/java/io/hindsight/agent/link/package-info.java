/** The agent's way to a Hub on another machine. */
@NullMarked
package io.hindsight.agent.link;

import org.jspecify.annotations.NullMarked;
