package io.hindsight.bus;

/**
 * How an agent on another machine joins the Hub: two requests on the Hub's one HTTP port, both dialled by the agent.
 *
 * <ul>
 *   <li>The <b>link</b>, one for each agent: a WebSocket that speaks Vert.x's event-bus bridge protocol (JSON messages of type
 *       {@code register}, {@code send}, {@code rec}, {@code ping}). Control messages alone.
 *   <li>A <b>lane</b>, one for each stream of chunks: {@code Upgrade: }{@value #LANE_UPGRADE}; after the {@code 101} the agent writes
 *       chunks one after the other, exactly the bytes of the snapshot's data file, and the Hub writes nothing.
 * </ul>
 *
 * <p>Both carry {@code Authorization: Bearer <join token>}, or a client certificate.
 */
public final class LinkProtocol {
    /** Path below which the bridge is mounted. */
    public static final String LINK_PREFIX = "/api/v1/link";

    /** Path of the link's WebSocket. */
    public static final String LINK_PATH = LINK_PREFIX + "/websocket";

    /** Path of lanes. */
    public static final String LANE_PATH = "/api/v1/lane";

    /** Value of a lane's {@code Upgrade} header. */
    public static final String LANE_UPGRADE = "hindsight-chunks/1";

    /** Request header of the link: the node's name. */
    public static final String NODE_HEADER = "Hindsight-Node";

    /** Request header of the link: {@link io.hindsight.api.NodeStatus#instance()}, different at every start of an agent. */
    public static final String INSTANCE_HEADER = "Hindsight-Instance";

    /** Request header of the link: the agent's program version. */
    public static final String VERSION_HEADER = "Hindsight-Version";

    /** Request header of a lane: the one-time token of {@link StreamRequest#lane()}. */
    public static final String LANE_HEADER = "Hindsight-Lane";

    /** Longest message on the link, in either direction, in bytes. */
    public static final int MAX_MESSAGE_BYTES = 4 << 20;

    /**
     * Longest WebSocket frame on the link, in bytes: Vert.x's own default, at which it splits longer messages into continuation frames. The Hub
     * has one such bound for all its WebSockets, so it is far below that of a message.
     */
    public static final int MAX_FRAME_BYTES = 64 << 10;

    private LinkProtocol() {}
}
