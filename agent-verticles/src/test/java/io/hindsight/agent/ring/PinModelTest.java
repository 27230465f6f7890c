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
    void shouldNeverOverwriteAHeldPinAndTellEachLoss(@ForAll("steps") List<Step> steps) {
        AtomicLong clock = new AtomicLong();
        SlotDirectory directory =
                new SlotDirectory(Arena.ofAuto().allocate((long) SLOTS * SlotEntryDescriptor.LENGTH, 64));
        SlotPool pool = new SlotPool(directory, 1, 1, BOUND, 0, clock::get);
        Map<String, Session> sessions = new TreeMap<>();
        TreeMap<Long, Boolean> inRing = new TreeMap<>();
        long newest = 0;
        for (Step step : steps) {
            Session session = sessions.get(step.session());
            switch (step.kind()) {
                case WRITE -> {
                    expire(sessions, clock.get());
                    if (inRing.size() == SLOTS) {
                        recycle(inRing, sessions);
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
                case RELEASE -> {
                    pool.release(step.session());
                    sessions.remove(step.session());
                }
                case PASS_TIME -> clock.addAndGet(step.amount());
            }
            check(pool, sessions, inRing);
        }
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

    private static void recycle(NavigableMap<Long, Boolean> inRing, Map<String, Session> sessions) {
        long pinned = inRing.keySet().stream().filter(sequence -> isHeld(sessions, sequence)).count();
        long victim =
                inRing.keySet().stream()
                        .filter(sequence ->
                                !isHeld(sessions, sequence) || (pinned > BOUND && !isUnderWay(sessions, sequence)))
                        .findFirst()
                        .orElse(inRing.firstKey());
        inRing.remove(victim);
        for (Session session : sessions.values()) {
            if (session.held.remove(victim) != null) {
                session.lost.add(victim);
            }
        }
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
