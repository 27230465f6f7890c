package io.hindsight.hub.verify;

/**
 * Finds the one flipped bit that explains a CRC32C. The CRC is linear: the difference of two CRCs depends on the difference of the bytes alone, and
 * within 2³¹ − 1 bits no two single bits give the same one. So the difference is stepped back bit by bit, from the end of the bytes; eight steps
 * for each byte.
 */
final class SingleBit {
    private static final int POLYNOMIAL = 0x82F6_3B78;

    private SingleBit() {}

    /**
     * The number of the bit, counted from the lowest bit of the first byte, or −1 where no single bit explains it.
     *
     * @param difference computed CRC xor the one that it should be
     * @param lengthBytes how many bytes the CRC covers
     */
    static long find(int difference, long lengthBytes) {
        int state = POLYNOMIAL;
        for (long bit = lengthBytes * Byte.SIZE - 1; bit >= 0; bit--) {
            if (state == difference) {
                return bit;
            }
            state = (state >>> 1) ^ (POLYNOMIAL & -(state & 1));
        }
        return -1;
    }
}
