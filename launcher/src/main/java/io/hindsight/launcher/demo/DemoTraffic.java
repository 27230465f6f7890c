package io.hindsight.launcher.demo;

import com.sun.net.httpserver.HttpServer;
import io.hindsight.error.ErrorCode;
import io.hindsight.launcher.cli.CommandFailure;
import java.io.IOException;
import java.io.InputStream;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Real traffic between this process and itself on a loopback address that nothing else uses: HTTP requests over TCP, and DNS questions
 * and answers over UDP. On the well-known ports where they are free, so that Wireshark shows them as what they are.
 */
final class DemoTraffic implements AutoCloseable {
    /** Any address of 127/8 is this machine; this one is hardly ever bound to, and a filter on it finds nobody else's packets. */
    static final String ADDRESS = "127.83.83.83";

    private static final int HTTP_PORT = 80;
    private static final int DNS_PORT = 53;
    private static final int ANSWER_TIMEOUT_MS = 5_000;
    private static final Duration PAUSE = Duration.ofMillis(50);

    private final InetAddress address;
    private final HttpServer web;
    private final DatagramSocket dnsServer;
    private final Thread dnsThread;
    private int httpRequests;
    private int dnsQuestions;

    private DemoTraffic(InetAddress address, HttpServer web, DatagramSocket dnsServer) {
        this.address = address;
        this.web = web;
        this.dnsServer = dnsServer;
        this.dnsThread = Thread.ofPlatform().name("demo-dns").daemon().unstarted(this::answerQuestions);
    }

    static DemoTraffic start() throws IOException {
        InetAddress address = InetAddress.getByName(ADDRESS);
        HttpServer web = webServer(address);
        web.createContext(
                "/",
                exchange -> {
                    byte[] body = ("You asked for " + exchange.getRequestURI() + "\n").getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(200, body.length);
                    exchange.getResponseBody().write(body);
                    exchange.close();
                });
        web.start();
        DemoTraffic traffic = new DemoTraffic(address, web, dnsSocket(address));
        traffic.dnsThread.start();
        return traffic;
    }

    private static HttpServer webServer(InetAddress address) throws IOException {
        try {
            return HttpServer.create(new InetSocketAddress(address, HTTP_PORT), 0);
        } catch (BindException taken) {
            return HttpServer.create(new InetSocketAddress(address, 0), 0);
        }
    }

    private static DatagramSocket dnsSocket(InetAddress address) throws IOException {
        try {
            return new DatagramSocket(DNS_PORT, address);
        } catch (BindException taken) {
            return new DatagramSocket(0, address);
        }
    }

    /** Sends a question and a request every 50 ms until the time is over, and waits for each answer. */
    void run(Duration length) throws IOException, InterruptedException {
        long endNs = System.nanoTime() + length.toNanos();
        try (DatagramSocket client = new DatagramSocket(0, address)) {
            client.setSoTimeout(ANSWER_TIMEOUT_MS);
            do {
                ask(client);
                request();
                TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
            } while (System.nanoTime() < endNs);
        }
    }

    private void ask(DatagramSocket client) throws IOException {
        dnsQuestions++;
        byte[] question = DnsMessage.question(dnsQuestions, "demo" + dnsQuestions + ".hindsight.example");
        client.send(new DatagramPacket(question, question.length, dnsServer.getLocalSocketAddress()));
        DatagramPacket answer = new DatagramPacket(new byte[DnsMessage.MAX_LENGTH], DnsMessage.MAX_LENGTH);
        client.receive(answer);
    }

    private void request() throws IOException {
        httpRequests++;
        URI uri = URI.create("http://" + ADDRESS + ":" + httpPort() + "/demo/" + httpRequests);
        HttpURLConnection request = (HttpURLConnection) uri.toURL().openConnection(Proxy.NO_PROXY);
        request.setConnectTimeout(ANSWER_TIMEOUT_MS);
        request.setReadTimeout(ANSWER_TIMEOUT_MS);
        try (InputStream body = request.getInputStream()) {
            if (request.getResponseCode() != 200 || body.readAllBytes().length == 0) {
                throw CommandFailure.of(ErrorCode.INTERNAL, "The demo's own web server did not answer as it should.");
            }
        }
    }

    /** Runs on {@code demo-dns} until the socket is closed. */
    private void answerQuestions() {
        DatagramPacket packet = new DatagramPacket(new byte[DnsMessage.MAX_LENGTH], DnsMessage.MAX_LENGTH);
        while (!dnsServer.isClosed()) {
            try {
                packet.setLength(DnsMessage.MAX_LENGTH);
                dnsServer.receive(packet);
                byte[] answer = DnsMessage.answer(packet.getData(), packet.getLength());
                dnsServer.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
            } catch (IOException closed) {
                if (!dnsServer.isClosed()) {
                    throw new IllegalStateException("The demo's DNS responder failed.", closed);
                }
            }
        }
    }

    int httpRequests() {
        return httpRequests;
    }

    int dnsQuestions() {
        return dnsQuestions;
    }

    int httpPort() {
        return web.getAddress().getPort();
    }

    int dnsPort() {
        return dnsServer.getLocalPort();
    }

    @Override
    public void close() {
        web.stop(0);
        dnsServer.close();
    }
}
