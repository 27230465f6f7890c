package io.hindsight.chart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file of this repository that has to be what the code makes. Run with the property set to {@code write}, it is made so. */
record GoldenFile(Path path, String property) {
    /** Beside these tests, written by {@code -Dhindsight.golden=write}. */
    static GoldenFile ofTest(String name) {
        return new GoldenFile(Path.of("src/test/resources/io/hindsight/chart", name), "hindsight.golden");
    }

    void assertIs(String text) throws IOException {
        if ("write".equals(System.getProperty(property))) {
            Files.createDirectories(path.getParent());
            Files.writeString(path, text);
        }
        assertThat(text)
                .as("%s is out of date. Look at what changed, then: -D%s=write", path, property)
                .isEqualTo(Files.readString(path));
    }
}
