package io.hindsight.hub.verify;

import io.hindsight.api.Violation;
import io.hindsight.api.Violation.Kind;
import io.hindsight.hub.store.Digest;
import io.hindsight.hub.store.IndexDescriptor;
import io.hindsight.hub.store.IndexRecord;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what was done to an index whose data file is sound: the data file tells what each record should be. Used once, by one thread. */
final class IndexDiagnosis {
    private final IndexContent index;
    private final List<FoundChunk> chunks;
    private final Findings findings;
    private final int[] identities;
    private final Arrangement arrangement;

    IndexDiagnosis(IndexContent index, List<FoundChunk> chunks, Findings findings) {
        this.index = index;
        this.chunks = chunks;
        this.findings = findings;
        this.identities = identities();
        this.arrangement = new Arrangement(chunks.size(), identities);
    }

    private int[] identities() {
        Map<Digest, Integer> numbers = new HashMap<>();
        for (int number = 0; number < chunks.size(); number++) {
            numbers.putIfAbsent(chunks.get(number).digest(), number);
        }
        int[] identified = new int[index.records().size()];
        for (int position = 0; position < identified.length; position++) {
            IndexRecord record = index.records().get(position);
            int next = position == 0 ? 0 : identified[position - 1] + 1;
            int inPlace = record == null && next < chunks.size() ? next : Arrangement.NONE;
            identified[position] = record == null ? inPlace : numbers.getOrDefault(record.digest(), Arrangement.NONE);
        }
        return identified;
    }

    void run() {
        for (int position = 0; position < identities.length; position++) {
            IndexRecord record = index.records().get(position);
            if (record != null) {
                tell(position, record);
            }
        }
        arrangement.missing().forEach(this::tellMissing);
    }

    private void tell(int position, IndexRecord record) {
        if (identities[position] == Arrangement.NONE) {
            boolean replaced = position < chunks.size();
            add(
                    replaced ? Kind.CHANGED : Kind.ADDED,
                    position,
                    record,
                    "The record is of no chunk of the data file.",
                    replaced ? chunks.get(position).record() : null);
        } else if (arrangement.repeats(position) != Arrangement.NONE) {
            add(
                    Kind.REPEATED,
                    position,
                    record,
                    "The record repeats record=" + arrangement.repeats(position) + ".",
                    null);
        } else if (arrangement.swappedWith(position) != Arrangement.NONE) {
            String detail = "The record and record=" + arrangement.swappedWith(position) + " are swapped.";
            add(Kind.MOVED, position, record, detail, null);
        } else if (arrangement.isMoved(position)) {
            add(Kind.MOVED, position, record, "The record belongs to chunk=" + identities[position] + ".", null);
        } else {
            tellChanged(position, record);
        }
    }

    private void tellChanged(int position, IndexRecord record) {
        IndexRecord computed = chunks.get(identities[position]).record();
        if (!record.equals(computed)) {
            add(Kind.CHANGED, position, record, "The record is not what its chunk says.", computed);
        }
    }

    private void add(Kind kind, int position, IndexRecord record, String detail, @Nullable IndexRecord computed) {
        findings.add(
                Violation.of(kind, index.name(), detail)
                        .at(position, IndexDescriptor.recordOffset(position), IndexDescriptor.RECORD_LENGTH)
                        .of(record.sequence(), record.writer())
                        .values(computed == null ? null : computed.toString(), record.toString()));
    }

    private void tellMissing(Arrangement.Run run) {
        int count = run.to() - run.from();
        String subject = count == 1 ? "The record of a chunk is" : "The records of " + count + " chunks are";
        findings.add(
                Violation.of(Kind.MISSING, index.name(), subject + " not there.")
                        .at(
                                run.from(),
                                IndexDescriptor.recordOffset(run.from()),
                                (long) count * IndexDescriptor.RECORD_LENGTH));
    }
}
