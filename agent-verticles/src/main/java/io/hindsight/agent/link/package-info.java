/**
 * The agent's way to a Hub on another machine: {@link io.hindsight.agent.link.LinkVerticle} for words, {@link io.hindsight.agent.link.LaneChannels} for
 * bytes. The agent dials and listens on nothing; recording never depends on it.
 */
@NullMarked
package io.hindsight.agent.link;

import org.jspecify.annotations.NullMarked;
