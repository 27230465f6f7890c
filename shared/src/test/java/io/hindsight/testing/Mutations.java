package io.hindsight.testing;

import java.util.Arrays;
import java.util.random.RandomGenerator;

/** Breaks bytes as disks, networks and enemies do. The same generator state gives the same damage. */
public final class Mutations {
    private static final int[] EXTREMES = {
        0, 1, 3, 4, 8, 11, 12, 13, 0x7F, 0x80, 0xFF, 0xFFFF, 0x1_0000, 0x7FFF_FFFF, 0x8000_0000, -1, -4, -12
    };

    private Mutations() {}

    /** A damaged copy, by one to four strokes; at most twice as long. */
    public static byte[] mutate(byte[] bytes, RandomGenerator random) {
        byte[] mutated = bytes.clone();
        for (int strokes = random.nextInt(1, 5); strokes > 0; strokes--) {
            mutated = stroke(mutated, random);
        }
        return mutated.length > 2 * bytes.length ? Arrays.copyOf(mutated, 2 * bytes.length) : mutated;
    }

    /** A copy with the one bit turned over; bit 0 is the lowest of the first byte. */
    public static byte[] flipBit(byte[] bytes, long bit) {
        byte[] flipped = bytes.clone();
        flipped[(int) (bit / Byte.SIZE)] ^= (byte) (1 << (bit % Byte.SIZE));
        return flipped;
    }

    private static byte[] stroke(byte[] bytes, RandomGenerator random) {
        if (bytes.length < Long.BYTES) {
            return bytes;
        }
        return switch (random.nextInt(6)) {
            case 0 -> flipBit(bytes, random.nextLong((long) bytes.length * Byte.SIZE));
            case 1 -> Arrays.copyOf(bytes, random.nextInt(bytes.length));
            case 2 -> extreme(bytes, random, random.nextInt(bytes.length - Integer.BYTES + 1));
            // Length fields stand at multiples of four.
            case 3 -> extreme(bytes, random, random.nextInt(bytes.length / Integer.BYTES) * Integer.BYTES);
            case 4 -> remove(bytes, random);
            default -> repeat(bytes, random);
        };
    }

    private static byte[] extreme(byte[] bytes, RandomGenerator random, int offset) {
        int value = EXTREMES[random.nextInt(EXTREMES.length)];
        byte[] mutated = bytes.clone();
        for (int i = 0; i < Integer.BYTES; i++) {
            mutated[offset + i] = (byte) (value >>> (i * Byte.SIZE));
        }
        return mutated;
    }

    private static byte[] remove(byte[] bytes, RandomGenerator random) {
        int from = random.nextInt(bytes.length);
        int to = Math.min(bytes.length, from + random.nextInt(1, 65));
        byte[] mutated = Arrays.copyOf(bytes, bytes.length - (to - from));
        System.arraycopy(bytes, to, mutated, from, bytes.length - to);
        return mutated;
    }

    private static byte[] repeat(byte[] bytes, RandomGenerator random) {
        int from = random.nextInt(bytes.length);
        int length = Math.min(bytes.length - from, random.nextInt(1, 65));
        byte[] mutated = Arrays.copyOf(bytes, bytes.length + length);
        System.arraycopy(bytes, from, mutated, from + length, bytes.length - from);
        return mutated;
    }
}
