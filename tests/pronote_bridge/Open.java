import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.zip.Inflater;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;

/** Opens a file of the vendor's envelope with Java's own cryptography: no code of the product. */
public class Open {
    public static void main(String[] names) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setNamespaceAware(true);
        Document document = factory.newDocumentBuilder().parse(Path.of(names[0]).toFile());
        byte[] der = Files.readAllBytes(Path.of(names[1]));
        PrivateKey key = KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
        Cipher rsa = Cipher.getInstance("RSA/ECB/PKCS1Padding");
        rsa.init(Cipher.DECRYPT_MODE, key);
        byte[] block = rsa.doFinal(content(document, "Cle"));
        byte[] md5 = MessageDigest.getInstance("MD5").digest(Arrays.copyOf(block, 32));
        if (!Arrays.equals(md5, Arrays.copyOfRange(block, 32, 48)) || block.length != 48) {
            throw new IllegalStateException("key block");
        }
        Cipher aes = Cipher.getInstance("AES/CBC/PKCS5Padding");
        aes.init(Cipher.DECRYPT_MODE, new SecretKeySpec(Arrays.copyOf(block, 16), "AES"),
                new IvParameterSpec(Arrays.copyOfRange(block, 16, 32)));
        byte[] compressed = aes.doFinal(content(document, "Contenu"));
        byte[] sha = MessageDigest.getInstance("SHA-256").digest(compressed);
        if (!Arrays.equals(sha, content(document, "Verification"))) {
            throw new IllegalStateException("verification");
        }
        Inflater inflater = new Inflater();
        inflater.setInput(compressed);
        byte[] buffer = new byte[65536];
        while (!inflater.finished()) {
            System.out.write(buffer, 0, inflater.inflate(buffer));
        }
        System.out.flush();
    }

    private static byte[] content(Document document, String name) {
        String space = "http://www.index-education.com/containeurimportchiffreV1";
        String text = document.getElementsByTagNameNS(space, name).item(0).getTextContent();
        return Base64.getDecoder().decode(text.getBytes(StandardCharsets.US_ASCII));
    }
}
