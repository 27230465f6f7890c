package io.hindsight.hub.link;

import io.hindsight.bus.LinkProtocol;
import io.hindsight.chunk.NodeId;
import io.hindsight.error.ErrorCode;
import io.hindsight.error.HindsightException;
import io.vertx.core.MultiMap;
import java.util.regex.Pattern;

/**
 * Who an agent says it is, by the headers of its request for a link. Immutable.
 *
 * @param node its node
 * @param instance different at every start of an agent
 * @param version of its program
 */
public record LinkIdentity(NodeId node, String instance, String version) {
    /** What stands in headers ends in logs and answers: nothing but plain, short words. */
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,127}");

    /**
     * Reads the three headers.
     *
     * @throws HindsightException INVALID_REQUEST naming the header
     */
    public static LinkIdentity of(MultiMap headers) {
        return new LinkIdentity(
                node(headers), word(headers, LinkProtocol.INSTANCE_HEADER), word(headers, LinkProtocol.VERSION_HEADER));
    }

    private static NodeId node(MultiMap headers) {
        String name = only(headers, LinkProtocol.NODE_HEADER);
        try {
            return new NodeId(name);
        } catch (HindsightException notAName) {
            throw refusal(LinkProtocol.NODE_HEADER, String.valueOf(notAName.getMessage()));
        }
    }

    private static String word(MultiMap headers, String header) {
        String value = only(headers, header);
        if (!WORD.matcher(value).matches()) {
            throw refusal(
                    header,
                    "The header "
                            + header
                            + " has 1 to 128 letters, digits, '.', '_', '+' and '-', and starts with a letter or digit.");
        }
        return value;
    }

    private static String only(MultiMap headers, String header) {
        if (headers.getAll(header).size() != 1) {
            throw refusal(header, "A link takes one header " + header + ", got " + headers.getAll(header).size() + ".");
        }
        return headers.get(header);
    }

    private static HindsightException refusal(String header, String detail) {
        return HindsightException.ofField(ErrorCode.INVALID_REQUEST, header, detail);
    }
}
