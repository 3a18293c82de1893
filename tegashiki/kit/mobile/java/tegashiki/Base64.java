package tegashiki;

/** Base64 with padding. Java's own class needs Android 8. */
final class Base64 {
  private static final String DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  private Base64() {}

  static String encode(byte[] bytes) {
    StringBuilder text = new StringBuilder((bytes.length + 2) / 3 * 4);
    for (int start = 0; start < bytes.length; start += 3) {
      int bits = 0;
      for (int i = start; i < start + 3; i++) bits = bits << 8 | (i < bytes.length ? bytes[i] & 0xff : 0);
      for (int digit = 0; digit < 4; digit++) {
        text.append(start + digit <= bytes.length ? DIGITS.charAt(bits >> (18 - 6 * digit) & 63) : '=');
      }
    }
    return text.toString();
  }

  /** Decodes a text. Throws IllegalArgumentException if it is not base64. */
  static byte[] decode(String text) {
    int length = text.length();
    int padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    if (length % 4 != 0) throw new IllegalArgumentException(length + " characters are not base64");
    byte[] bytes = new byte[length / 4 * 3 - padding];
    for (int start = 0, place = 0; start < length; start += 4) {
      int bits = 0;
      for (int i = start; i < start + 4; i++) {
        int digit = i < length - padding ? DIGITS.indexOf(text.charAt(i)) : 0;
        if (digit < 0) throw new IllegalArgumentException("the character " + i + " is not base64");
        bits = bits << 6 | digit;
      }
      for (int shift = 16; shift >= 0 && place < bytes.length; shift -= 8) bytes[place++] = (byte) (bits >> shift);
    }
    return bytes;
  }
}
