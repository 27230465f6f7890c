package io.hindsight.agent.capture.replay;

/**
 * What one tick of an interface's timestamps is ({@code if_tsresol}) and where they start ({@code if_tsoffset}): pcapng, section 4.2.
 *
 * @param code bit 7 clear: a tick is 10<sup>-code</sup> s; set: 2<sup>-(the other bits)</sup> s
 * @param offsetSeconds added to every timestamp
 */
record TimestampResolution(int code, long offsetSeconds) {
    static final TimestampResolution MICROSECONDS = new TimestampResolution(6, 0);
    static final TimestampResolution NANOSECONDS = new TimestampResolution(9, 0);

    private static final int POWER_OF_TWO = 0x80;
    private static final int NANO_DIGITS = 9;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;

    /** Digits of 10<sup>n</sup> that an unsigned long can hold. */
    private static final int MAX_DIGITS = 19;

    /**
     * Nanoseconds since the epoch, rounded down.
     *
     * @param ticks unsigned
     * @throws ArithmeticException where they do not fit into 63 bits
     */
    long toEpochNs(long ticks) {
        long nanos = (code & POWER_OF_TWO) == 0 ? fromDecimal(ticks) : fromBinary(ticks, code & ~POWER_OF_TWO);
        return Math.addExact(nanos, Math.multiplyExact(offsetSeconds, NANOS_PER_SECOND));
    }

    private long fromDecimal(long ticks) {
        if (code <= NANO_DIGITS) {
            return unsignedProduct(ticks, powerOfTen(NANO_DIGITS - code), 0);
        }
        int surplus = code - NANO_DIGITS;
        return surplus > MAX_DIGITS ? 0 : Long.divideUnsigned(ticks, powerOfTen(surplus));
    }

    private static long fromBinary(long ticks, int bits) {
        return unsignedProduct(ticks, NANOS_PER_SECOND, bits);
    }

    /** {@code (one * other) >> shift} in 128 bits. */
    private static long unsignedProduct(long one, long other, int shift) {
        long high = Math.unsignedMultiplyHigh(one, other);
        long low = one * other;
        long result = shift == 0 ? low : shiftRight(high, low, shift);
        long lost = shift >= Long.SIZE ? 0 : high >>> shift;
        if (lost != 0 || result < 0) {
            throw new ArithmeticException("a timestamp beyond the year 2262");
        }
        return result;
    }

    private static long shiftRight(long high, long low, int shift) {
        if (shift >= 2 * Long.SIZE) {
            return 0;
        }
        return shift >= Long.SIZE ? high >>> (shift - Long.SIZE) : (high << (Long.SIZE - shift)) | (low >>> shift);
    }

    private static long powerOfTen(int digits) {
        long power = 1;
        for (int i = 0; i < digits; i++) {
            power *= 10;
        }
        return power;
    }
}
