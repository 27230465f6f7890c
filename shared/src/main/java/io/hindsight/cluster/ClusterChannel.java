package io.hindsight.cluster;

import io.hindsight.config.BusClusterConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.sql.DataSource;
import org.infinispan.remoting.transport.jgroups.JGroupsChannelConfigurator;
import org.jgroups.JChannel;
import org.jgroups.conf.ProtocolConfiguration;
import org.jgroups.protocols.AUTH;
import org.jgroups.protocols.FD_ALL3;
import org.jgroups.protocols.FRAG4;
import org.jgroups.protocols.MERGE3;
import org.jgroups.protocols.MFC;
import org.jgroups.protocols.TCP;
import org.jgroups.protocols.TCPPING;
import org.jgroups.protocols.UFC;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.protocols.VERIFY_SUSPECT2;
import org.jgroups.protocols.pbcast.GMS;
import org.jgroups.protocols.pbcast.NAKACK2;
import org.jgroups.protocols.pbcast.STABLE;
import org.jgroups.util.SocketFactory;
import org.jgroups.util.TLS;
import org.jgroups.util.TLSClientAuth;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The membership's protocol stack, in code: one TCP port, TLS on it with a certificate required of both ends, and the secret before anybody joins. What
 * JGroups has beside that and does not encrypt is left out: its diagnostics port, and failure detection by a second socket; heartbeats tell of the dead.
 */
final class ClusterChannel implements JGroupsChannelConfigurator {
    static final String NAME = "hindsight";

    private static final Logger LOG = LoggerFactory.getLogger(ClusterChannel.class);

    /** A member that says nothing for so long is gone. */
    static final long SILENCE_MS = 20_000;

    private static final int CONNECT_MS = 5_000;

    /** Who connects and does not say who it is holds up others that connect for so long. */
    private static final int HANDSHAKE_MS = 10_000;

    /** For answers of members that are busy: who hears of none within it is a cluster of its own until the two meet. */
    private static final long JOIN_MS = 5_000;

    /** Members that have not all heard yet of one who came or went look like two clusters for a moment; to join those would throw some out. */
    private static final long MEET_AFTER_MS = 5_000;

    private static final long MEET_BEFORE_MS = 15_000;
    private static final long MEETING_MS = 20_000;
    private static final long VIEW_MS = 10_000;

    /** Of the membership's messages; chunks take the bus. */
    private static final int MAX_MEMBERSHIP_MESSAGE_BYTES = 16 << 20;

    private static final int MAX_MEMBERSHIP_THREADS = 32;
    private static final int FLOW_CREDIT_BYTES = 2 << 20;
    private static final int FRAGMENT_BYTES = 60 << 10;

    private final BusClusterConfig config;
    private final SSLContext tls;
    private final Secret secret;

    ClusterChannel(BusClusterConfig config, ClusterFiles files) {
        this.config = config;
        this.tls = files.context();
        this.secret = files.secret();
    }

    @Override
    public JChannel createChannel(String name) throws Exception {
        TCP transport = transport();
        JChannel channel =
                new JChannel(
                        transport,
                        new TCPPING().setInitialHosts(peers()).setPortRange(0),
                        new MERGE3().setMinInterval(MEET_AFTER_MS).setMaxInterval(MEET_BEFORE_MS),
                        new FD_ALL3().setTimeout(SILENCE_MS).setInterval(SILENCE_MS / 4),
                        new VERIFY_SUSPECT2().setTimeout(2_000),
                        nakack(),
                        new UNICAST3().setXmitInterval(200).setConnCloseTimeout(5_000),
                        new STABLE().setDesiredAverageGossip(5_000).setMaxBytes(1 << 20),
                        auth(),
                        gms(),
                        new UFC().setMaxCredits(FLOW_CREDIT_BYTES).setMinThreshold(0.4),
                        new MFC().setMaxCredits(FLOW_CREDIT_BYTES).setMinThreshold(0.4),
                        new FRAG4().setFragSize(FRAGMENT_BYTES));
        transport.getDiagnosticsHandler().setEnabled(false);
        return channel;
    }

    private TCP transport() throws Exception {
        TCP tcp = new TCP().tls(new TLS().enabled(true).setSSLContext(tls).setClientAuth(TLSClientAuth.NEED));
        tcp.setSockConnTimeout(CONNECT_MS);
        tcp.setPeerAddrReadTimeout(HANDSHAKE_MS);
        tcp.setMaxLength(MAX_MEMBERSHIP_MESSAGE_BYTES);
        tcp.setBindAddress(InetAddress.getByName(config.host()));
        tcp.setBindPort(config.membershipPort());
        tcp.setPortRange(0);
        tcp.getThreadPool().setMaxThreads(MAX_MEMBERSHIP_THREADS);
        return tcp;
    }

    /** One whose name says nothing now is left out: JGroups would take its port on this machine for it. */
    private List<InetSocketAddress> peers() {
        List<InetSocketAddress> all =
                config.peers().stream().map(peer -> new InetSocketAddress(peer.host(), peer.port())).toList();
        for (InetSocketAddress peer : all) {
            if (peer.isUnresolved()) {
                LOG.warn(
                        "cluster-peers: {} is a name without an address now; it is looked up at the start alone.",
                        peer);
            }
        }
        return all.stream().filter(peer -> !peer.isUnresolved()).toList();
    }

    private static GMS gms() {
        return new GMS()
                .printLocalAddress(false)
                .setJoinTimeout(JOIN_MS)
                .setMergeTimeout(MEETING_MS)
                .setViewAckCollectionTimeout(VIEW_MS);
    }

    private static NAKACK2 nakack() {
        NAKACK2 nakack = new NAKACK2();
        nakack.useMcastXmit(false);
        return nakack.resendLastSeqno(true).setXmitInterval(200);
    }

    /** Also whoever answers a joining member has to know the secret. */
    private AUTH auth() {
        AUTH auth = new AUTH().setAuthCoord(true);
        MembershipToken token = new MembershipToken(secret);
        token.setAuth(auth);
        return auth.setAuthToken(token);
    }

    @Override
    public String getProtocolStackString() {
        return NAME;
    }

    /** Nothing in text: the stack is made in code. */
    @Override
    public List<ProtocolConfiguration> getProtocolStack() {
        return List.of();
    }

    @Override
    public String getName() {
        return NAME;
    }

    @Override
    public void setSocketFactory(SocketFactory factory) {
        throw new UnsupportedOperationException("TLS belongs to the stack.");
    }

    @Override
    public void setDataSource(DataSource source) {
        throw new UnsupportedOperationException("No database is asked for members.");
    }
}
