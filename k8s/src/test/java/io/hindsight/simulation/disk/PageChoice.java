package io.hindsight.simulation.disk;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** What a power cut leaves of a mapped file: of each page, and of the length, what was forced or what was there last. */
final class PageChoice {
    private PageChoice() {}

    static byte[] of(byte[] durable, byte[] current, RandomGenerator random) {
        int mode = random.nextInt(4);
        int size = durable.length == current.length || keep(mode, random) ? current.length : durable.length;
        byte[] left = Arrays.copyOf(durable, size);
        for (int from = 0; from < size; from += DiskFile.PAGE_SIZE) {
            int to = Math.min(size, from + DiskFile.PAGE_SIZE);
            int currentTo = Math.min(to, current.length);
            boolean changed = from < currentTo && !Arrays.equals(left, from, currentTo, current, from, currentTo);
            if (changed && keep(mode, random)) {
                System.arraycopy(current, from, left, from, currentTo - from);
            }
        }
        return left;
    }

    /** Mode 0: nothing is kept; 1: everything; else each on its own. */
    static boolean keep(int mode, RandomGenerator random) {
        return mode == 1 || (mode != 0 && random.nextBoolean());
    }
}
