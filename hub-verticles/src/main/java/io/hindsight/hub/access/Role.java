package io.hindsight.hub.access;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What usually goes together. Each role has what the one before it has. */
public enum Role {
    /** Lists and shows. */
    VIEWER,
    /** Creates and exports too. */
    ANALYST,
    /** Everything. */
    ADMIN;

    /** What it may do. */
    public Set<Permission> permissions() {
        return switch (this) {
            case VIEWER -> EnumSet.of(Permission.GET);
            case ANALYST -> EnumSet.of(Permission.GET, Permission.CREATE, Permission.EXPORT, Permission.VERIFY);
            case ADMIN -> EnumSet.allOf(Permission.class);
        };
    }

    /** The least role that has it. */
    public static Role granting(Permission permission) {
        return Arrays.stream(values())
                .filter(role -> role.permissions().contains(permission))
                .findFirst()
                .orElse(ADMIN);
    }

    /** The role in token files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The role of this name, as in token files: {@code viewer}, {@code analyst}, {@code admin}. */
    public static Optional<Role> ofName(String name) {
        return Arrays.stream(values()).filter(role -> role.label().equals(name)).findFirst();
    }
}
