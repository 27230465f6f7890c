package io.hindsight.simulation;

import io.hindsight.agent.extract.ChunkChannel;
import io.hindsight.agent.extract.ClusteredChunkChannels;
import io.hindsight.bus.Addresses;
import io.hindsight.bus.BusFailures;
import io.hindsight.bus.ChunkOffer;
import io.hindsight.bus.ChunkPiece;
import io.hindsight.bus.ChunkPieceCodec;
import io.hindsight.bus.StreamRequest;
import io.vertx.core.AsyncResult;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.json.JsonObject;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * What a clustered event bus is between an agent and the Hub: it carries what the real channel sends to a stream's address, each message as bytes, late, and loses,
 * doubles and reorders it as the {@link Network} does. An address that nobody at the Hub listens to is soon unknown at the agent.
 */
final class SimulatedBus {
    /** So that a chunk has several. */
    private static final int PIECE_BYTES = 1_000;

    private final Network network;
    private final String node;
    private final SimulatedProcess agent;
    private final Consumer<Consumer<SimulatedHub>> toHub;
    private final ClusteredChunkChannels channels;
    private final ChunkPieceCodec codec = new ChunkPieceCodec();
    private final Map<String, MessageConsumer<?>> addresses = new HashMap<>();

    /** {@code toHub}: runs a task on the event loop of the Hub that is there by then. */
    SimulatedBus(Network network, String node, SimulatedProcess agent, Consumer<Consumer<SimulatedHub>> toHub) {
        this.network = network;
        this.node = node;
        this.agent = agent;
        this.toHub = toHub;
        this.channels = new ClusteredChunkChannels(agent.vertx().eventBus(), PIECE_BYTES);
    }

    /** On the agent's event loop. */
    ChunkChannel open(StreamRequest request) {
        addresses.computeIfAbsent(
                request.address(), address -> agent.vertx().eventBus().consumer(address, this::carry));
        return channels.open(request).result();
    }

    private void carry(Message<Object> message) {
        String address = message.address();
        switch (message.body()) {
            case ChunkPiece piece -> {
                Buffer wire = Buffer.buffer();
                codec.encodeToWire(wire, piece);
                up(
                        address,
                        (bus, options) ->
                                told(
                                        address,
                                        bus.<ChunkPiece>sender(address, options.setCodecName(ChunkPieceCodec.NAME))
                                                .write(codec.decodeFromWire(0, wire))));
            }
            case JsonObject offer when ChunkOffer.isIn(message) ->
                    up(
                            address,
                            (bus, options) ->
                                    bus.<JsonObject>request(
                                                    address,
                                                    offer.copy(),
                                                    options.addHeader(Addresses.ACTION_HEADER, ChunkOffer.ACTION))
                                            .onComplete(answer -> down(() -> answered(message, answer))));
            case JsonObject end ->
                    up(
                            address,
                            (bus, options) ->
                                    told(address, bus.<JsonObject>sender(address, options).write(end.copy())));
            default -> throw new IllegalStateException("A channel sent a " + message.body().getClass() + ".");
        }
    }

    private void up(String address, BiConsumer<EventBus, DeliveryOptions> arrival) {
        network.message(
                node,
                "up to " + address,
                () ->
                        toHub.accept(hub ->
                                arrival.accept(
                                        hub.process().vertx().eventBus(), new DeliveryOptions().setLocalOnly(true))));
    }

    private void down(Runnable arrival) {
        network.message(node, "down", () -> agent.run(arrival));
    }

    private void told(String address, Future<Void> taken) {
        taken.onFailure(nobody -> down(() -> unknown(address)));
    }

    private void unknown(String address) {
        MessageConsumer<?> carrier = addresses.remove(address);
        if (carrier != null) {
            carrier.unregister();
        }
    }

    private static void answered(Message<Object> offer, AsyncResult<Message<JsonObject>> answer) {
        if (answer.succeeded()) {
            offer.reply(answer.result().body().copy());
        } else {
            BusFailures.fail(offer, answer.cause());
        }
    }
}
