package io.hindsight.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jgroups.Address;
import org.jgroups.EmptyMessage;
import org.jgroups.Message;
import org.jgroups.protocols.AUTH;
import org.jgroups.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the secret opens, and what opens nothing. */
class ClusterSecretTest {
    private static final Secret SECRET = new Secret("a-secret-of-the-cluster".getBytes(StandardCharsets.UTF_8));
    private static final Secret OTHER = new Secret("another-secret-altogether".getBytes(StandardCharsets.UTF_8));

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().await();
    }

    private static MembershipToken token(Secret secret, Address member) {
        AUTH auth = new AUTH();
        auth.setAddress(member);
        MembershipToken token = new MembershipToken(secret);
        token.setAuth(auth);
        return token;
    }

    private static byte[] wire(MembershipToken token) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        token.writeTo(new DataOutputStream(bytes));
        assertThat(bytes.size()).isEqualTo(token.size());
        return bytes.toByteArray();
    }

    private static boolean opens(byte[] wire, Address sender) throws IOException {
        MembershipToken shown = new MembershipToken();
        shown.readFrom(new DataInputStream(new ByteArrayInputStream(wire)));
        Message message = new EmptyMessage().setSrc(sender);
        return token(SECRET, UUID.randomUUID()).authenticate(shown, message);
    }

    @Test
    void shouldLetInWhoKnowsTheSecretUnderItsOwnAddressAlone() throws IOException {
        Address member = UUID.randomUUID();
        byte[] proof = wire(token(SECRET, member));
        assertThat(opens(proof, member)).isTrue();
        assertThat(opens(proof, UUID.randomUUID())).as("another's proof").isFalse();
        assertThat(opens(wire(token(OTHER, member)), member)).as("another secret").isFalse();
        assertThat(wire(token(SECRET, member))).as("a new one each time").isNotEqualTo(proof);
        for (int bit = 0; bit < proof.length * 8; bit += 7) {
            byte[] changed = proof.clone();
            changed[bit / 8] ^= (byte) (1 << bit % 8);
            assertThat(opens(changed, member)).as("bit %d", bit).isFalse();
        }
        assertThat(new MembershipToken().authenticate(new MembershipToken(), new EmptyMessage().setSrc(member)))
                .as("who knows nothing lets nobody in")
                .isFalse();
    }

    @Test
    void shouldNeverSendTheSecret() throws IOException {
        String proof = new String(wire(token(SECRET, UUID.randomUUID())), StandardCharsets.ISO_8859_1);
        assertThat(proof).doesNotContain("a-secret");
        assertThat(SECRET.toString()).doesNotContain("a-secret");
    }

    @Test
    void shouldDeliverNothingWithoutTheMarkAndTakeItOff() {
        List<String> got = new CopyOnWriteArrayList<>();
        BusSeal seal = new BusSeal(SECRET);
        seal.require(vertx.eventBus());
        vertx.eventBus().<String>consumer("orders", order -> got.add(order.body() + order.headers()));
        vertx.eventBus().send("orders", "unmarked");
        vertx.eventBus()
                .send("orders", "badly marked", new DeliveryOptions().addHeader(BusSeal.MARK_HEADER, "x".repeat(43)));
        await().until(() -> seal.refusedCount() == 2);
        assertThat(got).isEmpty();
    }

    @Test
    void shouldDeliverWhatAMemberSendsAndItsAnswer() {
        BusSeal seal = new BusSeal(SECRET);
        seal.seal(vertx.eventBus());
        vertx.eventBus().<String>consumer("orders", order -> order.reply("headers=" + order.headers().size()));
        assertThat(vertx.eventBus().<String>request("orders", "marked").await().body()).isEqualTo("headers=0");
        assertThat(seal.refusedCount()).isZero();
    }
}
