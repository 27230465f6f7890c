package io.hindsight.hub.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A private authority and certificates of it, as PEM files, made by the JDK's own keytool. */
final class TestCertificates {
    private static final String PASSWORD = "changeit";

    private final Path folder;

    TestCertificates(Path folder) {
        this.folder = folder;
        keytool("-genkeypair", "-alias", "ca", "-dname", "CN=Test CA", "-ext", "bc:c", "-validity", "10");
    }

    /** The authority's own certificate. */
    Path authority() {
        return export("ca");
    }

    /** A certificate of the authority; {@code extension} as keytool has it, for example {@code san=dns:x,ip:127.0.0.1}. */
    Pem issued(String name, String extension, String startDate, int days) {
        return issuedBy("ca", name, extension, startDate, days);
    }

    Pem issued(String name, String extension) {
        return issued(name, extension, "-1d", 10);
    }

    /** A certificate of nobody. */
    Pem selfSigned(String name) {
        String alias = "self-" + name;
        keytool("-genkeypair", "-alias", alias, "-dname", "CN=" + name, "-validity", "10");
        return new Pem(export(alias), exportKey(alias));
    }

    private Pem issuedBy(String issuer, String name, String extension, String startDate, int days) {
        String alias = name + startDate;
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "-genkeypair",
                                "-alias",
                                alias,
                                "-dname",
                                "CN=" + name,
                                "-signer",
                                issuer,
                                "-startdate",
                                startDate,
                                "-validity",
                                String.valueOf(days)));
        if (!extension.isEmpty()) {
            arguments.addAll(List.of("-ext", extension));
        }
        keytool(arguments.toArray(String[]::new));
        return new Pem(export(alias), exportKey(alias));
    }

    /** Certificate and key. */
    record Pem(Path certificate, Path key) {}

    private Path export(String alias) {
        return pem(alias + ".crt", "CERTIFICATE", entry -> entry.getCertificate(alias).getEncoded());
    }

    private Path exportKey(String alias) {
        return pem(alias + ".key", "PRIVATE KEY", entry -> entry.getKey(alias, PASSWORD.toCharArray()).getEncoded());
    }

    private interface Part {
        byte[] of(KeyStore keys) throws GeneralSecurityException;
    }

    private Path pem(String name, String type, Part part) {
        try (InputStream in = Files.newInputStream(Path.of(store()))) {
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(in, PASSWORD.toCharArray());
            String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(part.of(keys));
            return Files.writeString(
                    folder.resolve(name), "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(type, text, type));
        } catch (IOException | GeneralSecurityException broken) {
            throw new AssertionError(broken);
        }
    }

    private void keytool(String... arguments) {
        List<String> command = new ArrayList<>(List.of(tool()));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keyalg", "EC", "-keystore", store(), "-storetype", "PKCS12", "-storepass", PASSWORD));
        run(command);
    }

    private String store() {
        return folder.resolve("keys.p12").toString();
    }

    private static String tool() {
        return Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
    }

    private static void run(List<String> command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor()).as(said).isZero();
        } catch (IOException | InterruptedException broken) {
            throw new AssertionError(broken);
        }
    }
}
