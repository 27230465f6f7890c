package io.hindsight.launcher.client;

import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.ExportContent;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** What an export may have beside packets, by its names in the API. */
final class ContentOption implements ITypeConverter<ExportContent> {
    @Override
    public ExportContent convert(String text) {
        try {
            return ExportContent.ofLabel(text.toLowerCase(Locale.ROOT));
        } catch (HindsightException unknown) {
            throw new TypeConversionException(String.valueOf(unknown.getMessage()));
        }
    }
}
