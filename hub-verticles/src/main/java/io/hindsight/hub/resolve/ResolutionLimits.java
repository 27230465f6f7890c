package io.hindsight.hub.resolve;

/**
 * How much a resolution holds. What is beyond is left out, counted ({@link Omitted}) and told.
 *
 * @param workloads states of objects
 * @param addresses intervals of addresses
 * @param sockets intervals of sockets
 * @param processes that run at the same time on one node
 */
record ResolutionLimits(int workloads, int addresses, int sockets, int processes) {
    /** States of objects: 50,000 pods, each with one change of its labels. */
    static final int MAX_WORKLOADS = 100_000;

    /** Intervals of addresses. */
    static final int MAX_ADDRESSES = 100_000;

    /** Addresses that one state of an object lists. */
    static final int MAX_ADDRESSES_OF_ONE = 1_000;

    /** Intervals of sockets: some 30 MiB. */
    static final int MAX_SOCKETS = 200_000;

    /** Processes that run at the same time on one node. */
    static final int MAX_PROCESSES = 100_000;

    static final ResolutionLimits DEFAULT =
            new ResolutionLimits(MAX_WORKLOADS, MAX_ADDRESSES, MAX_SOCKETS, MAX_PROCESSES);
}
