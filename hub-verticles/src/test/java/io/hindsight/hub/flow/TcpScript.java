package io.hindsight.hub.flow;

import static io.hindsight.hub.testing.PacketBytes.IPV4;
import static io.hindsight.hub.testing.PacketBytes.ethernet;
import static io.hindsight.hub.testing.PacketBytes.ipv4;
import static io.hindsight.hub.testing.PacketBytes.tcp;

import io.hindsight.hub.packet.TcpFlags;
import io.hindsight.testing.FixturePacket;
import java.util.ArrayList;
import java.util.List;

/** What a client and a server say to each other, a millisecond between two segments. Relative sequence numbers; each connection has others of its own. */
final class TcpScript {
    static final int CLIENT = 0x0A00_0001;
    static final int SERVER = 0x0A00_0002;
    static final int SYN = TcpFlags.SYN;
    static final int ACK = TcpFlags.ACK;
    static final int FIN_ACK = TcpFlags.FIN | TcpFlags.ACK;
    static final int RST = TcpFlags.RST;

    private final List<FixturePacket> packets = new ArrayList<>();
    private final int clientPort;
    private final int serverPort;
    private String at = "eth0";
    private long timeNs;
    private int clientStart = 0xFFFF_FFF0;
    private int serverStart = 0x7FFF_FFF0;

    TcpScript(int clientPort, int serverPort, long startNs) {
        this.clientPort = clientPort;
        this.serverPort = serverPort;
        this.timeNs = startNs;
    }

    TcpScript at(String networkInterface) {
        at = networkInterface;
        return this;
    }

    TcpScript after(long ns) {
        timeNs += ns;
        return this;
    }

    /** Other initial sequence numbers from now on. */
    TcpScript anew() {
        clientStart += 1_000_000;
        serverStart += 1_000_000;
        return this;
    }

    TcpScript client(int flags, int sequence, int payload) {
        byte[] segment = tcp(clientPort, serverPort, flags, clientStart + sequence, serverStart, payload);
        return add(ipv4(CLIENT, SERVER, 6, segment));
    }

    TcpScript server(int flags, int sequence, int payload) {
        byte[] segment = tcp(serverPort, clientPort, flags, serverStart + sequence, clientStart, payload);
        return add(ipv4(SERVER, CLIENT, 6, segment));
    }

    private TcpScript add(byte[] packet) {
        packets.add(FixturePacket.ethernet(at, timeNs, ethernet(IPV4, packet)));
        timeNs += 1_000_000;
        return this;
    }

    TcpScript handshake() {
        return client(SYN, 0, 0).server(SYN | ACK, 0, 0).client(ACK, 1, 0);
    }

    /** Of a connection in which each end sent so many bytes. */
    TcpScript finish(int sent) {
        return client(FIN_ACK, 1 + sent, 0).server(FIN_ACK, 1 + sent, 0).client(ACK, 2 + sent, 0);
    }

    List<FixturePacket> packets() {
        return packets;
    }
}
