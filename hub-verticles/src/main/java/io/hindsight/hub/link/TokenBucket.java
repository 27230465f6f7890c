package io.hindsight.hub.link;

/** A rate with a burst. One thread. */
public final class TokenBucket {
    private static final double NANOS_PER_SECOND = 1e9;

    private final double perSecond;
    private final double burst;
    private double left;
    private long filledNs;

    /** Full. */
    public TokenBucket(double perSecond, double burst, long nowNs) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.left = burst;
        this.filledNs = nowNs;
    }

    /** Whether there were this many left; then they are taken. */
    public boolean take(double amount, long nowNs) {
        left = Math.min(burst, left + (nowNs - filledNs) / NANOS_PER_SECOND * perSecond);
        filledNs = nowNs;
        if (left < amount) {
            return false;
        }
        left -= amount;
        return true;
    }
}
