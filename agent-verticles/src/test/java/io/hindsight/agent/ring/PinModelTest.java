package io.hindsight.agent.ring;

import static org.assertj.core.api.Assertions.assertThat;

import io.hindsight.time.TimeWindow;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Drives the pool with random steps beside a model that is too simple to be wrong. Chunk n has the one time n. */
class PinModelTest {
    private static final int SLOTS = 8;
    private static final int BOUND = 4;
    private static final long LEASE_NS = 100;

    enum Kind {
        WRITE,
        PIN,
        UNPIN_THROUGH,
        UNDER_WAY,
        BEGIN_READING,
        END_READING,
        RELEASE,
        PASS_TIME
    }

    record Step(Kind kind, String session, int amount) {}

    @Provide
    Arbitrary<List<Step>> steps() {
        return Combinators.combine(
                        Arbitraries.frequencyOf(
                                net.jqwik.api.Tuple.of(6, Arbitraries.just(Kind.WRITE)),
                                net.jqwik.api.Tuple.of(4, Arbitraries.of(Kind.class))),
                        Arbitraries.of("s1", "s2"),
                        Arbitraries.integers().between(1, 60))
                .as(Step::new)
                .list()
                .ofMaxSize(80);
    }

    /** A session as the model sees it. */
    private static final class Session {
        final NavigableMap<Long, Boolean> held = new TreeMap<>();
        final List<Long> lost = new ArrayList<>();
        long deadlineNs;
    }

    @Property(tries = 1_000)
    void shouldNeverOverwriteWhatIsHeldOrReadAndTellEachLoss(@ForAll("steps") List<Step> steps) {
        AtomicLong clock = new AtomicLong();
        SlotDirectory directory =
                new SlotDirectory(Arena.ofAuto().allocate((long) SLOTS * SlotEntryDescriptor.LENGTH, 64));
        SlotPool pool = new SlotPool(directory, 1, 1, BOUND, 0, clock::get);
        Map<String, Session> sessions = new TreeMap<>();
        TreeMap<Long, Boolean> inRing = new TreeMap<>();
        TreeMap<Long, Integer> readers = new TreeMap<>();
        long newest = 0;
        for (Step step : steps) {
            Session session = sessions.get(step.session());
            switch (step.kind()) {
                case WRITE -> {
                    expire(sessions, clock.get());
                    if (inRing.size() == SLOTS) {
                        recycle(inRing, sessions, readers);
                    }
                    write(pool, directory);
                    inRing.put(++newest, true);
                }
                case PIN -> {
                    if (session == null) {
                        session = new Session();
                        sessions.put(step.session(), session);
                        long from = newest - step.amount() % SLOTS;
                        pool.pin(step.session(), LEASE_NS, new TimeWindow(from, newest + 1));
                        for (long sequence : inRing.tailMap(from).keySet()) {
                            session.held.put(sequence, false);
                        }
                        session.deadlineNs = clock.get() + LEASE_NS;
                    }
                }
                case UNPIN_THROUGH -> {
                    long through = newest - step.amount() % SLOTS;
                    pool.unpinThrough(step.session(), through);
                    if (session != null) {
                        session.held.headMap(through, true).clear();
                    }
                }
                case UNDER_WAY -> {
                    long sequence = newest - step.amount() % SLOTS;
                    boolean held = session != null && session.held.containsKey(sequence);
                    assertThat(pool.markUnderWay(step.session(), sequence)).isEqualTo(held);
                    if (session != null && held) {
                        session.held.put(sequence, true);
                    }
                }
                case BEGIN_READING -> {
                    long sequence = newest - step.amount() % SLOTS;
                    ReadingStart expected = readingStart(inRing, readers, sequence);
                    // A chunk keeps its slot; which one it had is asked for where it is gone, as by somebody who
                    // planned it before.
                    int slot = inRing.containsKey(sequence) ? slotOf(pool, sequence) : step.amount() % SLOTS;
                    assertThat(pool.beginReading(slot, sequence)).isEqualTo(expected);
                    if (expected == ReadingStart.BEGUN) {
                        readers.merge(sequence, 1, Integer::sum);
                    }
                }
                case END_READING -> {
                    if (!readers.isEmpty()) {
                        long sequence = readers.firstKey();
                        pool.endReading(slotOf(pool, sequence));
                        readers.computeIfPresent(sequence, (read, count) -> count == 1 ? null : count - 1);
                    }
                }
                case RELEASE -> {
                    pool.release(step.session());
                    sessions.remove(step.session());
                }
                case PASS_TIME -> clock.addAndGet(step.amount());
            }
            check(pool, sessions, inRing);
            assertThat(pool.slotsBeingRead()).isEqualTo(readers.size());
        }
    }

    private static ReadingStart readingStart(Map<Long, Boolean> inRing, Map<Long, Integer> readers, long sequence) {
        if (!inRing.containsKey(sequence)) {
            return ReadingStart.GONE;
        }
        return readers.containsKey(sequence) || readers.size() < BOUND ? ReadingStart.BEGUN : ReadingStart.LATER;
    }

    private static int slotOf(SlotPool pool, long sequence) {
        return pool.slots().stream().filter(slot -> slot.sequence() == sequence).findFirst().orElseThrow().index();
    }

    private static void write(SlotPool pool, SlotDirectory directory) {
        int slot = pool.take(0);
        long time = directory.sequence(slot);
        directory.describe(slot, time, time, 1);
        directory.commit(slot, 1, 0);
        directory.settle(slot, SlotState.SEALED, 0);
    }

    private static void expire(Map<String, Session> sessions, long nowNs) {
        for (Session session : sessions.values()) {
            if (session.deadlineNs <= nowNs) {
                session.lost.addAll(session.held.keySet());
                session.held.clear();
            }
        }
    }

    private static void recycle(
            NavigableMap<Long, Boolean> inRing, Map<String, Session> sessions, Map<Long, Integer> readers) {
        long pinned = inRing.keySet().stream().filter(sequence -> isHeld(sessions, sequence)).count();
        long victim =
                unread(inRing, readers)
                        .filter(sequence ->
                                !isHeld(sessions, sequence) || (pinned > BOUND && !isUnderWay(sessions, sequence)))
                        .findFirst()
                        .orElseGet(() -> unread(inRing, readers).findFirst().orElseThrow());
        inRing.remove(victim);
        for (Session session : sessions.values()) {
            if (session.held.remove(victim) != null) {
                session.lost.add(victim);
            }
        }
    }

    private static Stream<Long> unread(NavigableMap<Long, Boolean> inRing, Map<Long, Integer> readers) {
        return inRing.keySet().stream().filter(sequence -> !readers.containsKey(sequence));
    }

    private static boolean isHeld(Map<String, Session> sessions, long sequence) {
        return sessions.values().stream().anyMatch(session -> session.held.containsKey(sequence));
    }

    private static boolean isUnderWay(Map<String, Session> sessions, long sequence) {
        return sessions.values().stream().anyMatch(session -> session.held.getOrDefault(sequence, false));
    }

    private static void check(SlotPool pool, Map<String, Session> sessions, NavigableMap<Long, Boolean> inRing) {
        assertThat(pool.slots()).extracting(SlotInfo::sequence).containsExactlyElementsOf(inRing.keySet());
        sessions.forEach((id, session) -> {
            assertThat(inRing.keySet()).containsAll(session.held.keySet());
            for (long sequence : inRing.keySet()) {
                assertThat(pool.holds(id, sequence)).isEqualTo(session.held.containsKey(sequence));
            }
            assertThat(pool.lost(id))
                    .extracting(SlotInfo::sequence)
                    .containsExactlyElementsOf(session.lost.stream().sorted().toList());
        });
    }
}
