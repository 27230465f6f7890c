package io.hindsight.hub.lane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LaneMemoryTest {
    private static final long LIMIT = 1_000;

    private final LaneMemory memory = new LaneMemory(LIMIT);
    private final List<String> granted = new ArrayList<>();

    private LaneMemory.Room claim(String name, long bytes) {
        return memory.claim(bytes, () -> granted.add(name));
    }

    @Test
    void shouldGrantAtOnceWhileThereIsRoom() {
        LaneMemory.Room first = claim("a", 600);
        LaneMemory.Room second = claim("b", 400);
        assertThat(first.isHeld()).isTrue();
        assertThat(second.isHeld()).isTrue();
        assertThat(granted).as("nobody has to be told").isEmpty();
        assertThat(memory.usedBytes()).isEqualTo(LIMIT);
    }

    @Test
    void shouldServeInOrderAndLetNobodyPass() {
        LaneMemory.Room first = claim("a", 600);
        LaneMemory.Room large = claim("large", 500);
        LaneMemory.Room small = claim("small", 1);
        assertThat(large.isHeld()).isFalse();
        assertThat(small.isHeld()).as("would fit, but came later").isFalse();
        assertThat(memory.waitingCount()).isEqualTo(2);
        first.giveBack();
        assertThat(granted).containsExactly("large", "small");
        assertThat(memory.usedBytes()).isEqualTo(501);
    }

    @Test
    void shouldForgetAClaimThatIsGivenUp() {
        LaneMemory.Room first = claim("a", LIMIT);
        LaneMemory.Room gone = claim("gone", LIMIT);
        LaneMemory.Room next = claim("next", 10);
        gone.giveBack();
        gone.giveBack();
        assertThat(next.isHeld()).isFalse();
        first.giveBack();
        first.giveBack();
        assertThat(granted).containsExactly("next");
        next.giveBack();
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void shouldLetThoseBehindGoWhenTheFirstInLineGivesUp() {
        claim("a", 600);
        LaneMemory.Room large = claim("large", LIMIT);
        LaneMemory.Room small = claim("small", 400);
        large.giveBack();
        assertThat(small.isHeld()).isTrue();
        assertThat(granted).containsExactly("small");
    }

    @Test
    void shouldRefuseWhatCanNeverFit() {
        assertThatThrownBy(() -> claim("a", LIMIT + 1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void shouldShareFairlyByChunkAmongHundredsOfLanes() {
        int lanes = 400;
        int[] chunks = new int[lanes];
        List<LaneMemory.Room> held = new ArrayList<>();
        Random random = new Random(3);
        LaneMemory.Room everything = memory.claim(LIMIT, () -> {});
        for (int lane = 0; lane < lanes; lane++) {
            claimAgain(lane, chunks, held, random);
        }
        everything.giveBack();
        for (int step = 0; step < 40_000; step++) {
            assertThat(memory.usedBytes()).isLessThanOrEqualTo(LIMIT);
            held.remove(random.nextInt(held.size())).giveBack();
        }
        int least = Integer.MAX_VALUE;
        int most = 0;
        for (int count : chunks) {
            least = Math.min(least, count);
            most = Math.max(most, count);
        }
        assertThat(most - least).as("chunks of the luckiest and the unluckiest lane").isLessThanOrEqualTo(1);
    }

    /** Each lane asks for its next chunk as soon as it has had the one before. */
    private void claimAgain(int lane, int[] chunks, List<LaneMemory.Room> held, Random random) {
        LaneMemory.Room[] self = new LaneMemory.Room[1];
        Runnable granting =
                () -> {
                    chunks[lane]++;
                    held.add(self[0]);
                    claimAgain(lane, chunks, held, random);
                };
        self[0] = memory.claim(random.nextLong(1, 200), granting);
        if (self[0].isHeld()) {
            granting.run();
        }
    }

    @Test
    void shouldNeitherOverflowNorLoseRoomUnderManyThreads() throws InterruptedException {
        int threads = 8;
        int perThread = 20_000;
        AtomicLong worst = new AtomicLong();
        CountDownLatch done = new CountDownLatch(threads * perThread);
        Queue<LaneMemory.Room> held = new ConcurrentLinkedQueue<>();
        for (int thread = 0; thread < threads; thread++) {
            Random random = new Random(thread);
            Thread.ofPlatform()
                    .daemon()
                    .start(() -> {
                        for (int i = 0; i < perThread; i++) {
                            claimInto(held, random.nextLong(1, 300));
                            worst.accumulateAndGet(memory.usedBytes(), Math::max);
                            giveOneBack(held, done);
                        }
                        while (done.getCount() > 0) {
                            giveOneBack(held, done);
                        }
                    });
        }
        assertThat(done.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(worst.get()).isBetween(1L, LIMIT);
        assertThat(memory.usedBytes()).isZero();
        assertThat(memory.waitingCount()).isZero();
    }

    private void claimInto(Queue<LaneMemory.Room> held, long bytes) {
        CompletableFuture<Boolean> granting = new CompletableFuture<>();
        LaneMemory.Room room = memory.claim(bytes, () -> granting.complete(true));
        CompletableFuture<Void> kept = granting.thenRun(() -> held.add(room));
        if (room.isHeld()) {
            granting.complete(true);
            kept.join(); // the thread that gave the room may be about to say so
        }
    }

    private static void giveOneBack(Queue<LaneMemory.Room> held, CountDownLatch done) {
        LaneMemory.Room room = held.poll();
        if (room == null) {
            Thread.onSpinWait();
        } else {
            room.giveBack();
            done.countDown();
        }
    }
}
