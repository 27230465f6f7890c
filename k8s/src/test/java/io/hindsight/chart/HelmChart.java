package io.hindsight.chart;

import com.marcnuri.helm.DryRun;
import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The chart of this repository, in the hands of the real Helm. Values are YAML; each call takes some milliseconds, more where a certificate is made. */
final class HelmChart {
    static final Path FOLDER = Path.of("chart").toAbsolutePath();
    static final String RELEASE = "hindsight";
    static final String NAMESPACE = "recorders";

    /** The oldest that the chart takes is 1.25; it asks for nothing newer. */
    private static final String KUBERNETES = "1.25.0";

    private HelmChart() {}

    /**
     * What would be applied.
     *
     * @throws IllegalStateException where Helm, the schema or a template refuses
     */
    static RenderedChart render(String values) {
        return RenderedChart.parse(text(NAMESPACE, values));
    }

    /** The same as text, for this namespace. */
    static String text(String namespace, String values) {
        StubApiServer.running();
        return withFile(
                values,
                file ->
                        new Helm(FOLDER)
                                .template()
                                .withName(RELEASE)
                                .withNamespace(namespace)
                                .withKubeVersion(KUBERNETES)
                                .withValuesFile(file)
                                .call());
    }

    /** What is said to people after an installation. */
    static String notes(String values) {
        StubApiServer.running();
        String output =
                withFile(
                        values,
                        file ->
                                new Helm(FOLDER)
                                        .install()
                                        .withName(RELEASE)
                                        .withNamespace(NAMESPACE)
                                        .withKubeVersion(KUBERNETES)
                                        .withValuesFile(file)
                                        .clientOnly()
                                        .withDryRunOption(DryRun.CLIENT)
                                        .call()
                                        .getOutput());
        return output.substring(output.indexOf("NOTES:"));
    }

    static LintResult lint() {
        StubApiServer.running();
        return new Helm(FOLDER).lint().strict().call();
    }

    private interface Call {
        String with(Path valuesFile);
    }

    private static String withFile(String values, Call call) {
        try {
            Path file = Files.createTempFile("hindsight-values", ".yaml");
            try {
                Files.writeString(file, values);
                return call.with(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
