package io.hindsight.agent.ring;

/**
 * What recovery found in an existing ring.
 *
 * @param sealedChunks whole chunks that are kept
 * @param recoveredChunks chunks that were open when the recorder ended, kept up to their last whole record
 * @param corruptChunks chunks whose header is broken
 * @param bytesCut committed bytes of torn chunks that could not be kept
 * @param greatestSequence of them all, 0: none
 */
public record RecoveryReport(
        int sealedChunks, int recoveredChunks, int corruptChunks, long bytesCut, long greatestSequence) {
    static final RecoveryReport NOTHING = new RecoveryReport(0, 0, 0, 0, 0);
}
