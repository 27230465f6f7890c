/**
 * The capture ring: one preallocated, mapped file for each source, with fixed slots, pins, pre-faulting and recovery. Start at
 * {@link io.hindsight.agent.ring.Ring}.
 */
@NullMarked
package io.hindsight.agent.ring;

import org.jspecify.annotations.NullMarked;
