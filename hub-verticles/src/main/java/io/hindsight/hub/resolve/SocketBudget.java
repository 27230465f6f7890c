package io.hindsight.hub.resolve;

/** How many intervals of sockets may still be kept, of all nodes together. One thread at a time. */
final class SocketBudget {
    private final Omitted omitted;
    private int left;

    SocketBudget(ResolutionLimits limits, Omitted omitted) {
        this.left = limits.sockets();
        this.omitted = omitted;
    }

    boolean take() {
        if (left == 0) {
            omitted.add(Omitted.Kind.SOCKETS, 1);
            return false;
        }
        left--;
        return true;
    }
}
