package io.hindsight.hub.resolve;

/** What histories of objects may still grow by, all together. One thread at a time. */
final class HistoryBudget {
    private final Omitted omitted;
    private int versionsLeft;
    private int addressesLeft;

    HistoryBudget(ResolutionLimits limits, Omitted omitted) {
        this.omitted = omitted;
        this.versionsLeft = limits.workloads();
        this.addressesLeft = limits.addresses();
    }

    boolean takeVersion() {
        if (versionsLeft == 0) {
            omitted.add(Omitted.Kind.WORKLOADS, 1);
            return false;
        }
        versionsLeft--;
        return true;
    }

    boolean takeAddress() {
        if (addressesLeft == 0) {
            omitted.add(Omitted.Kind.ADDRESSES, 1);
            return false;
        }
        addressesLeft--;
        return true;
    }

    boolean hasVersions() {
        return versionsLeft > 0;
    }
}
