/**
 * The real ring, session, channel and recovery code in a world of one thread: {@link io.hindsight.simulation.Scheduler} gives the time and decides whose turn it
 * is, everything by chance from one seed. {@link io.hindsight.simulation.Schedule} is one such life, {@link io.hindsight.simulation.Invariants} what must hold at its end.
 */
@NullMarked
package io.hindsight.simulation;

import org.jspecify.annotations.NullMarked;
