/**
 * The agent's side of what joins it to a Hub on another machine: {@link io.hindsight.agent.link.LinkVerticle} for control messages. The agent
 * dials and listens on nothing; recording never depends on it.
 */
@NullMarked
package io.hindsight.agent.link;

import org.jspecify.annotations.NullMarked;
