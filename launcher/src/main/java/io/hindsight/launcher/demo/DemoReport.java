package io.hindsight.launcher.demo;

import io.hindsight.api.Snapshot;
import io.hindsight.api.SnapshotState;
import io.hindsight.api.VerifyReport;
import java.util.Map;

/**
 * What the demo did, and what of it held. JSON with {@code --json}.
 *
 * @param held whether everything is as it should be
 * @param sent HTTP requests and DNS questions that were sent
 * @param found of each kind, packets in the exported file
 * @param snapshot as sealed
 * @param verification what reading it again found
 * @param file the export; it exists only where a folder was named
 * @param fileBytes its length
 * @param packetsInFile all of them
 * @param durationsMs how long each part took
 */
record DemoReport(
        boolean held,
        Sent sent,
        Found found,
        Snapshot snapshot,
        VerifyReport verification,
        String file,
        long fileBytes,
        long packetsInFile,
        Map<String, Long> durationsMs) {
    /** What was sent, as the sender counted it. */
    record Sent(int httpRequests, int dnsQuestions) {}

    /** What the file holds of it. */
    record Found(long httpRequests, long httpAnswers, long dnsQuestions, long dnsAnswers) {
        boolean all(Sent sent) {
            return httpRequests == sent.httpRequests
                    && httpAnswers == sent.httpRequests
                    && dnsQuestions == sent.dnsQuestions
                    && dnsAnswers == sent.dnsQuestions;
        }
    }

    static DemoReport of(
            Sent sent,
            Found found,
            Snapshot snapshot,
            VerifyReport verification,
            String file,
            long fileBytes,
            long packetsInFile,
            Map<String, Long> durationsMs) {
        boolean held =
                found.all(sent)
                        && snapshot.state() == SnapshotState.COMPLETE
                        && verification.intact()
                        && packetsInFile == snapshot.packets();
        return new DemoReport(held, sent, found, snapshot, verification, file, fileBytes, packetsInFile, durationsMs);
    }
}
