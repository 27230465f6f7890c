package io.hindsight.config;

import java.util.Arrays;
import java.util.List;

/** Splits a list that is written in one text. */
final class SettingTexts {
    private SettingTexts() {}

    /** Values between commas, without the white space around them and without empty ones. */
    static List<String> split(String text) {
        return Arrays.stream(text.split(",", -1)).map(String::strip).filter(value -> !value.isEmpty()).toList();
    }
}
