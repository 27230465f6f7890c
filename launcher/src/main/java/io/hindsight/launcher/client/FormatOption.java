package io.hindsight.launcher.client;

import io.hindsight.error.HindsightException;
import io.hindsight.hub.export.ExportFormat;
import java.util.Locale;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Export formats by their names in the API. */
final class FormatOption implements ITypeConverter<ExportFormat> {
    @Override
    public ExportFormat convert(String text) {
        try {
            return ExportFormat.ofLabel(text.toLowerCase(Locale.ROOT));
        } catch (HindsightException unknown) {
            throw new TypeConversionException(String.valueOf(unknown.getMessage()));
        }
    }
}
