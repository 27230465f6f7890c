/** The agent: {@link io.hindsight.agent.AgentVerticle} and what it is made of. */
@NullMarked
package io.hindsight.agent;

import org.jspecify.annotations.NullMarked;
