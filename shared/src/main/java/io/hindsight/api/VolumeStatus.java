package io.hindsight.api;

/**
 * How full the snapshot volume is.
 *
 * @param quotaBytes that snapshots may take altogether; 0: no quota
 * @param usedBytes that sealed snapshots take
 * @param promisedBytes that running snapshots may take
 * @param freeBytes of the file system
 * @param level how near the quota is
 */
public record VolumeStatus(long quotaBytes, long usedBytes, long promisedBytes, long freeBytes, Level level) {
    /** How near the quota is. */
    public enum Level {
        /** Less than 80 % of the quota, or there is none. */
        OK,
        /** At least 80 %. */
        WARNING,
        /** At least 95 %. */
        CRITICAL
    }
}
