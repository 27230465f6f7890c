package io.hindsight.bus;

/**
 * One round of a window that ends ahead. In all rounds but the last an agent plans the chunks that are sealed and leaves the open one, which would be sent as a
 * small chunk each time, to the next; in the last one it plans the rest as that of any window.
 *
 * @param number tells rounds of a session apart, and grows: the same one again is answered as before, another is planned anew behind what is held
 * @param last whether the window is over
 */
public record PlanRound(int number, boolean last) {}
